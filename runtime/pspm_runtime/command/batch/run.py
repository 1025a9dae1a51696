"""Apply an effect to one photo, to folders of photos or to a pipe."""

import os
from collections.abc import Callable
from pathlib import Path

from pspm_runtime.command.batch.account import Account
from pspm_runtime.command.batch.order import EXISTS, PIPE, Order
from pspm_runtime.command.batch.planning.names import result_name
from pspm_runtime.command.batch.planning.plan import expand
from pspm_runtime.command.batch.planning.protected_inputs import ProtectedInputs
from pspm_runtime.command.batch.run_many import run_many
from pspm_runtime.command.standard_streams import read_standard_input, write_standard_output
from pspm_runtime.command.stop_signals import stop_signals
from pspm_runtime.errors import OutputError, PhotoError, PspmError
from pspm_runtime.files.save import write


def run(order: Order) -> int:
    """Process one photo, standard input, or every photo of folders and lists; return the exit code.

    A photo that fails does not stop the others. Raises PspmError for what concerns the whole run.
    """
    if not order.out:
        raise OutputError("the output name is empty; give a file, a folder or - with -o")
    with stop_signals() as stop:
        if order.photos == [PIPE]:
            _refuse_shard(order)
            return _run_one(PIPE, order)
        if PIPE in order.photos:
            raise PhotoError("- is standard input, which cannot be combined with other photos; process it separately")
        paths, several = expand(order.photos)
        is_folder = paths[0].is_dir()
        if several or is_folder or (order.resume and _is_folder(order.out)):
            return run_many(paths, order, stop, several=several or not is_folder)
        _refuse_shard(order)
        return _run_one(paths[0], order)


def _refuse_shard(order: Order) -> None:
    if order.shard is not None:
        raise PspmError("--shard divides the photos of a folder or a list; leave it out for one photo")


def _run_one(photo: Path | str, order: Order) -> int:
    account = Account(order.style)
    target = _target(photo, order)
    suffix = order.suffix if target is None else target.suffix
    numbered = order.frames and photo != PIPE and target is not None and _is_folder(order.out)
    order.check_format(target or Path(f"the result{suffix}"), animated=order.frames and not numbered)
    inputs = ProtectedInputs(order.effect.inputs if photo == PIPE else [Path(photo), *order.effect.inputs])
    if target is not None:
        inputs.check(target)
        if target.exists() and not numbered and not order.force:
            # Checked before the work is done. `write` checks again, in case the file appears meanwhile.
            raise OutputError(f"{target} {EXISTS}, or choose another name")
    if numbered and target is not None:
        _write_frames(Path(photo), target, order, inputs, account)
        return account.report()
    apply = order.work(suffix).open()
    result = apply(read_standard_input() if photo == PIPE else Path(photo))
    if target is None:
        write_standard_output(result.data)
    else:
        write(result.data, target, force=order.force, before_naming=_checks(inputs, target))
    account.written(photo, target or PIPE, result.frames_left, has_person=result.has_person)
    return account.report()


def _write_frames(photo: Path, target: Path, order: Order, inputs: ProtectedInputs, account: Account) -> None:
    """Write each frame to a file of its own: photo.png becomes photo-0001.png, photo-0002.png and so on."""
    count, results = order.work(target.suffix).open_each()(photo)
    if count > 1 and order.effect.trimap:
        raise PhotoError(f"a trimap belongs to one picture; process the frame of {order.effect.trimap_name} alone")
    digits = max(4, len(str(count)))
    for number, result in enumerate(results, 1):
        frame = target.with_name(f"{target.stem}-{number:0{digits}}{target.suffix}") if count > 1 else target
        inputs.check(frame)
        write(result.data, frame, force=order.force, before_naming=_checks(inputs, frame))
        account.written(photo, frame, has_person=result.has_person)


def _checks(inputs: ProtectedInputs, target: Path) -> Callable[[Path], None]:
    """Check a target once more just before its file gets its name."""
    return lambda _: inputs.check(target)


def _target(photo: Path | str, order: Order) -> Path | None:
    """The file for the result of one photo, None for standard output."""
    if order.out == PIPE:
        return None
    if photo == PIPE or not _is_folder(order.out):
        return Path(order.out)
    return Path(order.out, result_name(Path(photo).name, order.suffix))


def _is_folder(out: str) -> bool:
    return Path(out).is_dir() or out.endswith(("/", os.sep))
