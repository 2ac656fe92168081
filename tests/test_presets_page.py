"""The page of presets shows those that there are and what they say, and its example makes the file that it shows."""

from __future__ import annotations

import re
from pathlib import Path

import polars as pl
import pytest
from pydantic import BaseModel

from segtool.channels.rows import Reached, rows
from segtool.errors import DefinitionError
from segtool.model.presets import DELIMITERS, HASHES, FileLimits, Preset, PresetColumn
from segtool.read.presets import PACKAGED, preset_names, read_preset

PAGE = Path(__file__).parents[1] / "docs" / "presets.md"


def rendered(page: str) -> str:
    parts = {"presets": presets(), "mailchimp": text_of("mailchimp"), "files": files()}
    parts |= {"preset": keys_of(Preset), "column": keys_of(PresetColumn), "limits": keys_of(FileLimits)}
    return re.sub(
        r"<!-- (\w+) -->\n.*?<!-- / -->",
        lambda found: f"<!-- {found[1]} -->\n{parts[found[1]]}<!-- / -->",
        page,
        flags=re.DOTALL,
    )


def presets() -> str:
    """A row of a table for each."""
    head = "| preset | for | channels | one file | source | read on |\n| --- | --- | --- | --- | --- | --- |\n"
    return head + "".join(row(name, read_preset(name, PACKAGED)) for name in names())


def row(name: str, preset: Preset) -> str:
    limits = preset.limits
    most = {"MB": (limits.bytes or 0) // 10**6, "rows": limits.rows, "columns": limits.columns}
    size = ", ".join(f"{count:,} {what}" for what, count in most.items() if count)
    source = f"<{preset.source}>" if preset.source.startswith("https") else "a snapshot's form"
    cells = [f"`{name}`", preset.description, ", ".join(preset.served) or "all", size, source, str(preset.date)]
    return f"| {' | '.join(cells)} |\n"


def text_of(name: str) -> str:
    return f"```yaml\n{(PACKAGED / f'{name}.yaml').read_text(encoding='utf-8')}```\n"


def files() -> str:
    return "\n".join(f"`presets/{name}.yaml`\n\n{text_of(name)}" for name in names())


def names() -> list[str]:
    """Those of segtool alone."""
    return preset_names(PACKAGED / "none")


def keys_of(shape: type[BaseModel]) -> str:
    said = "".join(f"| `{entry.alias or name}` | {entry.description} |\n" for name, entry in shape.model_fields.items())
    return f"| key | says |\n| --- | --- |\n{said}"


def test_the_page_shows_the_presets_and_the_keys_that_there_are() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert rendered(page) == page
    assert len(re.findall("<!-- / -->", page)) == 6


def test_every_rule_of_hashes_stands_on_the_page() -> None:
    rules = PAGE.read_text(encoding="utf-8").split("| rule | before it is hashed |")[1]
    assert re.findall(r"^\| `(\w+)` \| ", rules, re.M) == list(HASHES)


def example(folder: Path, change: tuple[str, str] = ("", "")) -> Preset:
    """The preset that the page writes, in a project."""
    text = re.findall(r"```yaml\n(# presets/newsletter.yaml\n.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)[0]
    (folder / "presets").mkdir()
    (folder / "presets" / "newsletter.yaml").write_text(text.replace(*change), encoding="utf-8")
    return read_preset("newsletter", folder)


def test_the_example_of_an_own_preset_makes_the_file_that_the_page_asks_for(tmp_path: Path) -> None:
    preset = example(tmp_path)
    one = {"key": pl.Series("user_id", ["01707"]), "address": pl.Series(["anna@example.com"])}
    labels = {"segment": pl.Series(["lapsed_buyers"]), "variant": pl.Series([None], dtype=pl.String)}
    frame = rows(preset, "email", Reached(**labels, further=pl.DataFrame({"first_name": ["Anna"]}), **one))
    wanted = re.findall(r"```csv\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)[0]
    assert frame.write_csv(separator=DELIMITERS[preset.delimiter]) == wanted


def test_what_is_wrong_in_the_example_is_told_as_the_page_shows(tmp_path: Path) -> None:
    with pytest.raises(DefinitionError) as raised:
        example(tmp_path, ("from: address", "from: adress"))
    assert f"```\n{raised.value}\n```" in PAGE.read_text(encoding="utf-8")


if __name__ == "__main__":  # writes the tables into the page
    PAGE.write_text(rendered(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
