"""Attention logits, in whatever way attention is written."""

from __future__ import annotations

from typing import Any

import pytest

torch = pytest.importorskip("torch")
nn, functional = torch.nn, torch.nn.functional

from set_up_programs import torch_is_left_as_it_was as torch_is_left_as_it_was  # noqa: E402

import trimtab.torch  # noqa: E402


class Attending(nn.Module):
    def __init__(self, kind: str) -> None:
        super().__init__()
        self.kind = kind
        self.inner = nn.MultiheadAttention(16, 2, batch_first=True)
        self.factor = 1.0

    def forward(self, values: Any) -> Any:
        if self.kind.startswith("module"):
            values = values * self.factor
            return self.inner(values, values, values, need_weights=self.kind == "module, weights")[0]
        shape = (len(values), 8, 2, 8)
        query, key = (values.reshape(shape).transpose(1, 2) * self.factor for _ in range(2))
        query = query * self.inner.in_proj_weight.mean().add(1)
        if self.kind == "function":
            return functional.scaled_dot_product_attention(query, key, key, is_causal=True)
        return torch.softmax(query @ key.transpose(-1, -2) / 8**0.5, -1) @ key


@pytest.mark.parametrize("kind", ["module", "module, weights", "function", "by hand"])
def test_attention_logits_are_seen(kind: str) -> None:
    torch.manual_seed(0)
    model = Attending(kind)
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-9)
    watch = trimtab.torch.watch(model, optimizer, budget=0)
    for step in range(1, 12):
        model.factor = 30.0 if step > 5 else 1.0
        loss = model(torch.randn(3, 8, 16)).square().mean()
        loss.backward()
        watch.step(loss)
        optimizer.step()
        optimizer.zero_grad()
    assert watch._set_up.failure is None
    found = [one for one in watch.findings() if one.rule == "logit_growth"]
    assert [(one.name, one.first_step) for one in found] == [("attention#1", 6)]
    assert "attention" in watch.coverage()["attention#1"]
    watch.remove()


def test_attention_logits_are_those_of_the_function() -> None:
    from trimtab.torch._attention import Attention

    generator = torch.Generator().manual_seed(2)
    query, key = (torch.randn(2, 3, 6, 4, generator=generator, requires_grad=True) for _ in range(2))
    mask = torch.rand(6, 6, generator=generator) > 0.4
    mask |= torch.eye(6, dtype=torch.bool)
    for chosen in ({}, {"is_causal": True}, {"attn_mask": mask}, {"scale": 0.1}):
        seen = Attention()
        seen.hear("attention", (query, key, key), chosen)
        ((logits, probabilities),) = seen._looks
        wanted = functional.scaled_dot_product_attention(query, key, key, **chosen)
        torch.testing.assert_close(probabilities @ key, wanted)
        assert torch.isfinite(logits).all()
