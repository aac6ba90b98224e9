"""What `edge bench` measures: how soon the assistant answers, and what it costs to listen."""
