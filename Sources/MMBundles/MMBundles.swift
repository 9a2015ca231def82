// MMBundles
