// MMBytes
