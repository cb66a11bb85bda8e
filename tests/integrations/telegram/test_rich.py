"""A rich message says what the formatted text says, with real tables."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kunak.integrations.telegram.incoming import read_message
from kunak.integrations.telegram.markdown import Links, from_markdown
from kunak.integrations.telegram.rich import gains_by_riches, to_rich_message
from kunak.integrations.telegram.sandbox.files import FileStore
from kunak.integrations.telegram.sandbox.refusals import Refusal
from kunak.integrations.telegram.sandbox.rich import read_rich_message

ANSWER = """The **hours** of `the pass` [1] & 😀 <more>:

| day | of *what* |
|-----|-------|
| Mon | [1] 8 |

```py
if a < b:
    pass
```

> said one
> and two"""
LINKS = Links(notes={1: "https://town.example/?a=1&b=2"})


def test_a_table_is_a_table_and_the_rest_stays_what_it_is() -> None:
    text = from_markdown(ANSWER, LINKS)
    assert gains_by_riches(text)
    paragraph, table, code, quote = read_rich_message(FileStore(0), {}, to_rich_message(text))["blocks"]
    link = {"type": "url", "text": "[1]", "url": "https://town.example/?a=1&b=2"}
    assert paragraph["text"][:2] == ["The ", {"type": "bold", "text": "hours"}]
    assert link in paragraph["text"]
    assert paragraph["text"][-1] == " & 😀 <more>:"
    assert [[cell["text"] for cell in row] for row in table["cells"]] == [
        ["day", ["of ", {"type": "italic", "text": "what"}]],
        ["Mon", [link, " 8"]],
    ]
    assert [cell.get("is_header") for cell in table["cells"][0]] == [True, True]
    assert (code["type"], code["language"], code["text"]) == ("pre", "py", "if a < b:\n    pass")
    assert quote["type"] == "blockquote"


LISTS = """## Way **up**

- past the *mill*
  and the ford
- uphill
  1. left

     ```sh
     ls
       -l
     ```
  2. right

7. so

> - said"""


def test_headings_and_lists_are_what_they_are() -> None:
    heading, ways, numbered, quote = read_rich_message(FileStore(0), {}, to_rich_message(from_markdown(LISTS)))[
        "blocks"
    ]
    assert (heading["type"], heading["size"]) == ("heading", 2)
    mill, uphill = ways["items"]
    [said] = mill["blocks"]
    assert said["text"] == ["past the ", {"type": "italic", "text": "mill"}, "\nand the ford"]
    _, turns = uphill["blocks"]
    assert [item["label"] for item in turns["items"]] == ["1.", "2."]
    assert [block["type"] for block in turns["items"][0]["blocks"]] == ["paragraph", "pre"]
    assert turns["items"][0]["blocks"][1]["text"] == "ls\n  -l"
    assert numbered["items"][0]["label"] == "7."
    assert quote["blocks"][0]["items"][0]["blocks"][0]["text"] == "said"


def test_formulas_boxes_and_columns_are_told_to_telegram() -> None:
    written = "- [x] see \\( a<b \\)\n\n\\[ x^2 \\]\n\n|a|b|\n|-|-:|\n|1|2|"
    boxes, formula, table = read_rich_message(FileStore(0), {}, to_rich_message(from_markdown(written)))["blocks"]
    [item] = boxes["items"]
    assert (item["has_checkbox"], item["is_checked"]) == (True, True)
    assert item["blocks"][0]["text"] == ["see ", {"type": "mathematical_expression", "expression": "a<b"}]
    assert (formula["type"], formula["expression"]) == ("mathematical_expression", "x^2")
    assert [cell["align"] for cell in table["cells"][1]] == ["left", "right"]


def test_a_message_reads_in_the_direction_of_its_letters() -> None:
    assert to_rich_message(from_markdown("# 1. שלום world"))["is_rtl"]
    assert "is_rtl" not in to_rich_message(from_markdown("# 1. мир"))


def test_where_nothing_is_gained_or_telegram_would_refuse_it_is_not_rich() -> None:
    wide = "|" + "a|" * 21 + "\n|" + "-|" * 21 + "\n|" + "1|" * 21
    assert not gains_by_riches(from_markdown("**so**"))
    assert not gains_by_riches(from_markdown(wide))
    listed = [from_markdown("- x\n" * items) for items in (249, 250)]
    assert [gains_by_riches(each) for each in listed] == [True, False]
    assert read_rich_message(FileStore(0), {}, to_rich_message(listed[0]))
    with pytest.raises(Refusal, match="too many blocks"):
        read_rich_message(FileStore(0), {}, to_rich_message(listed[1]))
    deep = ["\n".join("  " * level + "- x" for level in range(levels)) for levels in (6, 7)]
    assert [gains_by_riches(from_markdown(each)) for each in deep] == [True, False]
    assert read_rich_message(FileStore(0), {}, to_rich_message(from_markdown(deep[0])))


@settings(deadline=None)  # a busy machine is no failure
@given(st.text(alphabet='ab<&"*_~`|\\- \n😀>', max_size=60))
def test_whatever_is_written_telegram_can_read(written: str) -> None:
    text = from_markdown(f"begin\n\n{written}\n\n- x\n  {written}\n\n|a|\n|-|\n|b|")
    blocks = read_rich_message(FileStore(0), {}, to_rich_message(text))
    message = read_message({"message_id": 1, "chat": {"id": 1}, "rich_message": blocks})
    assert message is not None
    assert set(filter(str.isalpha, message.text)) == set(filter(str.isalpha, text.text))
