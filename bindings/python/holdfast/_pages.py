"""Lists: await one for its first page, or iterate over the rows of all pages."""
from __future__ import annotations

from typing import (Any, AsyncIterator, Callable, Generator, Generic, Iterator, Optional, Tuple,
                    TypeVar)

from ._operations import Operation, following, rows_of


Row = TypeVar("Row")
Page = TypeVar("Page")


class Pages(Generic[Row, Page]):
    """A list that is read page after page, as far as the caller iterates.

    `await pages` gives the first page. `async for row in pages` gives every row.
    """

    __slots__ = ("_do", "_operation", "_arguments")

    def __init__(self, do: Callable[..., Any], operation: Operation,
                 arguments: Tuple[Any, ...]) -> None:
        self._do, self._operation, self._arguments = do, operation, arguments

    def __await__(self) -> Generator[Any, None, Page]:
        return self._do(self._operation, self._arguments).__await__()  # type: ignore[no-any-return]

    async def pages(self) -> AsyncIterator[Page]:
        """The pages one after the other."""
        given: Optional[Tuple[Any, ...]] = self._arguments
        while given is not None:
            page = await self._do(self._operation, given)
            yield page
            given = following(self._operation, given, page)

    async def __aiter__(self) -> AsyncIterator[Row]:
        async for page in self.pages():
            for row in rows_of(page):
                yield row


class SyncPages(Generic[Row, Page]):
    """The same for callers that wait: iterate over the rows, or over `pages()`."""

    __slots__ = ("_do", "_operation", "_arguments")

    def __init__(self, do: Callable[..., Any], operation: Operation,
                 arguments: Tuple[Any, ...]) -> None:
        self._do, self._operation, self._arguments = do, operation, arguments

    def page(self) -> Page:
        """The first page alone."""
        found: Page = self._do(self._operation, self._arguments)
        return found

    def pages(self) -> Iterator[Page]:
        """The pages one after the other."""
        given: Optional[Tuple[Any, ...]] = self._arguments
        while given is not None:
            page = self._do(self._operation, given)
            yield page
            given = following(self._operation, given, page)

    def __iter__(self) -> Iterator[Row]:
        for page in self.pages():
            yield from rows_of(page)
