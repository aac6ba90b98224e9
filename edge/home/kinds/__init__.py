"""The kinds of device that MQTT discovery knows, one file for each family: what it announces, says and obeys."""
