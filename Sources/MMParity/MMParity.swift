// MMParity
