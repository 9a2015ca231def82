// MMToolchain
