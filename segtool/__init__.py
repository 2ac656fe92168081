"""Segments of users, from files: static ones frozen to CSV, dynamic ones decided anew at each run.

                       ┌──► read ─────┐   files        → typed tables, definitions with their places
 you ─► cli ─► verbs ─►├──► compile ──┤   definitions  → checked, lowered, planned; words; JSON Schema
          │            ├──► engine ───┤   plan × tables → who is in
          │            └──► store ────┤   what is kept: tables, runs, ledger, snapshots
          └──────────────► output ────┤   results      → terminal, JSON, CSV, Markdown
                                      ▼
                                    model ─► errors

Between verbs and the last three of the middle stands `explain`: one user and a segment → what was found, what would do.
Imports go down only; the other rooms in the middle do not know each other; `tests/test_architecture.py` holds it so.
"""

__version__ = "0.1.0"
