"""Timers, alarms, reminders, commands for later, and lists: kept, due, ringing."""
