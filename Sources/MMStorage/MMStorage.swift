// MMStorage
