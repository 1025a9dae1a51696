"""The people in a video: small ones are followed from frame to frame, in boxes that the network sees from nearer."""
