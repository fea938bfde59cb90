"""torch: type, shape and all of the content; devices and memory layout do not count."""

from __future__ import annotations

import pytest

from reprise.errors import UnhashableParamError
from reprise.keys import digest

torch = pytest.importorskip("torch", reason="torch takes gigabytes to install")


def line(**changes):
    made = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.BatchNorm1d(3))
    with torch.no_grad():
        made[0].weight.fill_(changes.get("weight", 1))
        made[0].bias.fill_(2)
        made[1].running_mean[1] = changes.get("mean", 0)
    return made


def test_tensors_count_by_type_shape_and_content():
    zeros = torch.zeros(100_000)
    other = zeros.clone()
    other[50_001] = 1e-9
    assert digest(zeros) == digest(zeros.clone())
    assert digest(zeros) != digest(other)
    assert digest(zeros) != digest(zeros.to(torch.int32))
    assert digest(zeros) != digest(zeros.reshape(10, -1))
    assert digest(zeros) != digest(zeros.numpy())


@pytest.mark.parametrize("kind", ["bool", "bfloat16", "complex64", "float8_e4m3fn", "int8"])
def test_every_kind_of_number(kind):
    one, other = (torch.tensor(items).to(getattr(torch, kind)) for items in ([1, 0], [0, 1]))
    assert digest(one) == digest(one.clone())
    assert digest(one) != digest(other)


def test_memory_layout_does_not_count():
    grid = torch.arange(6.0).reshape(2, 3)
    assert digest(grid) == digest(grid.T.contiguous().T)
    assert digest(grid[:, 1:]) == digest(grid[:, 1:].clone())
    turned = torch.tensor([1 + 2j])
    assert digest(turned.conj()) == digest(turned.conj().resolve_conj())
    assert digest(turned.conj()) != digest(turned)


def test_numbers_without_dimensions_and_empty_tensors():
    assert digest(torch.tensor(1.0)) != digest(torch.tensor([1.0]))
    assert digest(torch.zeros(0, 2)) != digest(torch.zeros(2, 0))


def test_gradients_count():
    one, other = (torch.ones(2, requires_grad=True) for _ in range(2))
    assert digest(one) == digest(other)
    assert digest(one) != digest(torch.ones(2))
    one.sum().backward()
    assert digest(one) != digest(other)


def test_a_tensor_that_remembers_how_it_was_computed_is_refused():
    made = torch.ones(2, requires_grad=True) * 2
    with pytest.raises(UnhashableParamError, match=r"\.detach\(\) forgets it"):
        digest(made)
    assert digest(made.detach()) == digest(torch.ones(2) * 2)


def test_parameters_are_not_tensors_and_attributes_count():
    plain = torch.ones(2, requires_grad=True)
    assert digest(torch.nn.Parameter(torch.ones(2))) != digest(plain)
    named = torch.ones(2)
    named.label = "a"
    assert digest(named) != digest(torch.ones(2))


@pytest.mark.filterwarnings("ignore:Sparse")
def test_sparse_tensors():
    grid = torch.tensor([[0.0, 1], [2, 0]])
    other = torch.tensor([[0.0, 1], [3, 0]])
    forms = [
        lambda value: value.to_sparse(),
        lambda value: value.to_sparse_csr(),
        lambda value: value.to_sparse_csc(),
    ]
    for form in forms:
        assert digest(form(grid)) == digest(form(grid.clone()))
        assert digest(form(grid)) != digest(form(other))
    assert len({digest(form(grid)) for form in forms} | {digest(grid)}) == 4


@pytest.mark.filterwarnings("ignore:torch.quantize_per_tensor")
def test_quantized_tensors():
    def quantized(scale, last):
        numbers = torch.tensor([1.0, last])
        return torch.quantize_per_tensor(numbers, scale, 0, torch.qint8)

    assert digest(quantized(0.5, 2)) == digest(quantized(0.5, 2))
    assert digest(quantized(0.5, 2)) != digest(quantized(0.5, 3))
    assert digest(quantized(0.5, 2)) != digest(quantized(0.25, 2))


def test_a_tensor_without_content_is_refused():
    with pytest.raises(UnhashableParamError, match="it has no content"):
        digest(torch.ones(2, device="meta"))


def test_modules_count_by_parameters_buffers_and_mode():
    assert digest(line()) == digest(line())
    assert digest(line()) != digest(line(weight=3))
    assert digest(line()) != digest(line(mean=3))
    assert digest(line()) != digest(line().eval())
    assert digest(line()) != digest(line().requires_grad_(False))


def test_modules_count_by_the_order_of_what_is_in_them():
    nn = torch.nn

    def chain(*names):
        kinds = {"a": nn.ReLU(), "b": nn.Tanh()}
        made = nn.Sequential()
        for name in names:
            made.add_module(name, kinds[name])
        return made

    assert digest(chain("a", "b")) == digest(chain("a", "b"))
    assert digest(chain("a", "b")) != digest(chain("b", "a"))
    assert digest(nn.Dropout(0.1)) != digest(nn.Dropout(0.2))


def test_one_parameter_in_two_places():
    def pair(tied):
        made = torch.nn.Sequential(*[torch.nn.Linear(1, 1) for _ in range(2)])
        with torch.no_grad():
            for part in made:
                part.weight.fill_(1)
                part.bias.fill_(0)
        if tied:
            made[1].weight = made[0].weight
        return made

    assert digest(pair(tied=True)) == digest(pair(tied=True))
    assert digest(pair(tied=True)) != digest(pair(tied=False))


def test_hooks_count_but_not_how_many_there_were_before():
    def hooked(hook):
        made = torch.nn.ReLU()
        made.register_forward_hook(hook)
        return made

    assert digest(hooked(print)) == digest(hooked(print))
    assert digest(hooked(print)) != digest(hooked(len))


def test_constants():
    values = [torch.float32, torch.float64, torch.strided, torch.contiguous_format]
    values += [torch.device("cpu"), torch.device("meta"), torch.Size([1]), torch.Size([2])]
    assert len({digest(value) for value in values}) == len(values)
    assert digest(torch.Size([1])) != digest((1,))


def test_generators_count_by_what_they_would_draw_next():
    def drawn(seed, times):
        made = torch.Generator().manual_seed(seed)
        torch.rand(times, generator=made)
        return made

    assert digest(drawn(0, 5)) == digest(drawn(0, 5))
    assert digest(drawn(0, 5)) != digest(drawn(0, 6))
    assert digest(drawn(0, 5)) != digest(drawn(1, 5))


def test_digesting_leaves_a_module_as_it_was():
    value = line()
    before = {name: item.clone() for name, item in value.state_dict().items()}
    digest(value)
    after = value.state_dict()
    assert value.training
    assert all(torch.equal(item, after[name]) for name, item in before.items())


def test_another_process_agrees(in_new_process):
    script = (
        "import torch; from reprise.keys import digest; torch.manual_seed(0);"
        "print(digest([torch.rand(9), torch.nn.LSTM(2, 3), torch.float32]).hex())"
    )
    assert in_new_process(script, "1") == in_new_process(script, "2")
