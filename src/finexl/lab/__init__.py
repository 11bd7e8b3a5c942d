"""Our small world: scenes and operators whose truth is known exactly."""
