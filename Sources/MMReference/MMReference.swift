// MMReference
