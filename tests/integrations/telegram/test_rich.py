"""A rich message says what the formatted text says, with real tables."""

from hypothesis import given, settings
from hypothesis import strategies as st

from kunak.integrations.telegram.incoming import read_message
from kunak.integrations.telegram.markdown import Links, from_markdown
from kunak.integrations.telegram.rich import gains_by_riches, to_rich_message
from kunak.integrations.telegram.sandbox.files import FileStore
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


def test_without_a_table_or_with_one_too_wide_nothing_is_gained() -> None:
    wide = "|" + "a|" * 21 + "\n|" + "-|" * 21 + "\n|" + "1|" * 21
    assert not gains_by_riches(from_markdown("**so**"))
    assert not gains_by_riches(from_markdown(wide))


@settings(deadline=None)  # a busy machine is no failure
@given(st.text(alphabet='ab<&"*_~`|\\- \n😀>', max_size=60))
def test_whatever_is_written_telegram_can_read(written: str) -> None:
    text = from_markdown(f"begin\n\n{written}\n\n|a|\n|-|\n|b|")
    blocks = read_rich_message(FileStore(0), {}, to_rich_message(text))
    message = read_message({"message_id": 1, "chat": {"id": 1}, "rich_message": blocks})
    assert message is not None
    assert set(filter(str.isalpha, message.text)) == set(filter(str.isalpha, text.text))
