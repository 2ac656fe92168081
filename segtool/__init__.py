"""Segments of users, from files: static ones frozen to CSV, dynamic ones decided anew at each run.

                       ┌──► read ─────┐   files        → typed tables, definitions with their places
 you ─► cli ─► verbs ─►├──► compile ──┤   definitions  → checked, lowered, planned; words; JSON Schema
          │            ├──► engine ───┤   plan × tables → who is in
          │            ├──► store ────┤   what is kept: tables, runs, ledger, snapshots
          │            └──► channels ─┤   members      → their addresses, the columns that each system asks for
          └──────────────► output ────┤   results      → terminal, JSON, CSV, Markdown
                                      ▼
                                    model ─► errors

Between verbs and compile, engine, store stands `explain`: one user and a segment → what was found, what would do.
Imports go down only; the other rooms in the middle do not know each other; `tests/test_architecture.py` holds it so.
"""

__version__ = "0.1.0"
