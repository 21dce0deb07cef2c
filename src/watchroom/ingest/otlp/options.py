"""The section `otlp` of watchroom.yml, with the keys and defaults of Prometheus."""

from typing import Literal, TypeAlias

import msgspec

Strategy: TypeAlias = Literal[
    "UnderscoreEscapingWithSuffixes",
    "UnderscoreEscapingWithoutSuffixes",
    "NoUTF8EscapingWithSuffixes",
    "NoTranslation",
]


class OtlpOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How names are made, and which attributes become labels of every series."""

    translation_strategy: Strategy = "UnderscoreEscapingWithSuffixes"
    promote_resource_attributes: tuple[str, ...] = ()
    promote_all_resource_attributes: bool = False
    ignore_resource_attributes: tuple[str, ...] = ()
    keep_identifying_resource_attributes: bool = False
    promote_scope_metadata: bool = False
    convert_histograms_to_nhcb: bool = False

    def __post_init__(self) -> None:
        if self.promote_all_resource_attributes and self.promote_resource_attributes:
            raise ValueError(
                "promote_resource_attributes names what promote_all_resource_attributes promotes "
                "anyway; keep one of them"
            )
        if self.ignore_resource_attributes and not self.promote_all_resource_attributes:
            raise ValueError(
                "ignore_resource_attributes takes from what promote_all_resource_attributes "
                "promotes; set that, too"
            )

    @property
    def escapes(self) -> bool:
        """Whether names keep to letters, digits and underscores."""
        return self.translation_strategy.startswith("Underscore")

    @property
    def suffixes(self) -> bool:
        """Whether names end in their unit, and those of counters in `_total`."""
        return self.translation_strategy.endswith("WithSuffixes")

    def promotes(self, attribute: str) -> bool:
        """Say whether a resource's attribute becomes a label of its series."""
        if self.promote_all_resource_attributes:
            return attribute not in self.ignore_resource_attributes
        return attribute in self.promote_resource_attributes
