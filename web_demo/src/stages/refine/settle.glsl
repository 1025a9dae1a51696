// Stretch alpha so that values within HAZE of 0 or 1 become 0 or 1.
float settle(float alpha) {
  return clamp((alpha - HAZE) / (1.0 - 2.0 * HAZE), 0.0, 1.0);
}
