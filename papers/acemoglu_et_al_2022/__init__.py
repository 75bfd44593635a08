"""Acemoglu, Makhdoumi, Malekian and Ozdaglar (2022): what people are paid for data that tell about others too."""
