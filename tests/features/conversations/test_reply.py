"""What is still being written is shown in the form that the answer will have."""

from types import SimpleNamespace
from typing import cast

from kunak.features.bots.schemas import Answers
from kunak.features.conversations.reply import to_draft
from kunak.features.conversations.schemas import Spoken
from kunak.integrations.telegram.markdown import from_markdown

TO_ALICE = cast(
    "Spoken",
    SimpleNamespace(
        message=SimpleNamespace(chat_id=1, thread_id=None), inbox_id=7, bot=SimpleNamespace(answers=Answers.RICH)
    ),
)


def test_a_long_list_stays_rich_while_it_grows_over_several_messages() -> None:
    item = f"- {'snow ' * 10}\n"
    drafts = [to_draft(from_markdown("# Snow\n\n" + item * items), TO_ALICE) for items in (1, 70, 240, 300)]
    assert {draft.method for draft in drafts} == {"sendRichMessageDraft"}
