"""Resolution: from what words mean to the devices of this home, and whether they can do it."""
