"""How the sandbox keeps its documents on disk: table layout, text codec, metafields."""
