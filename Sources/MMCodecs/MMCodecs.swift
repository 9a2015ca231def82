// MMCodecs
