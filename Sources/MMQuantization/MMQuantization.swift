// MMQuantization
