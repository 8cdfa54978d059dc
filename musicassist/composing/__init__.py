"""From a request to takes: prompt, task, predictors, the composing engine."""
