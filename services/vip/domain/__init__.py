"""Rules of very important clients: values in, values out; the present moment is an argument."""
