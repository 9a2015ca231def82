// MMArchitectures
