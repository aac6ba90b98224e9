"""How the dialogue transformer of models/labels is trained."""
