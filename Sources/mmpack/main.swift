print("mmpack")
