"""Understanding: a wording becomes interpretations. The first rung is a grammar; nothing here looks at states."""
