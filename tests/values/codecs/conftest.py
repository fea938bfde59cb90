from __future__ import annotations

import sys
from pathlib import Path

# The round trips stand beside the tests; pytest's import mode puts no folder on the path.
sys.path.append(str(Path(__file__).parent))
