"""The families of models, one package each: net, decoding, predictor, learning."""
