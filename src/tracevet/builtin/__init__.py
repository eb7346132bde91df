"""What the host brings itself, through the same hooks as everyone."""
