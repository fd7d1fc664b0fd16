"""The draw: one execution of the locked design on the frozen frame, or the replay of one made elsewhere."""

from rct.called import calls

calls(__name__, "rct.face.drawing", "draw")
