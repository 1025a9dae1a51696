"""Make soft mattes from hard masks by closed-form matting."""
