// MMTensors
