"""Pure rules: values in, values out, time is an argument, refusals are exceptions."""
