// MMCheckpoints
