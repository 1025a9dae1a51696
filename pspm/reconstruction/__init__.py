"""How well operators bring back what pooling took away: the toy experiment of thesis sec. 3.5.2 and 4.5."""
