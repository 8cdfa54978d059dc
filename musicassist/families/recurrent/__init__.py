"""LSTM, GRU and RNN, with and without attention."""
