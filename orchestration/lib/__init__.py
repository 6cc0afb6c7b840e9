"""What the definitions are made of; not scanned for definitions."""
