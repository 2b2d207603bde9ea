"""What the clients of the shop send and see. Amounts are decimals, in holdfast minor units."""
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.utils import timezone
from holdfast import Money, OrderView
from rest_framework import serializers


class AmountField(serializers.DecimalField):
    """An amount of the shop's currency: "12.50" outside, 1250 inside."""

    def __init__(self, **given: Any) -> None:
        super().__init__(max_digits=12, decimal_places=2, min_value=Decimal(0), **given)

    def to_internal_value(self, data: Any) -> int:
        if isinstance(data, float):
            raise serializers.ValidationError('Send a text, "12.50": a float is not exact.')
        return Money.of(super().to_internal_value(data), settings.SHOP_CURRENCY).minor

    def to_representation(self, value: int) -> Any:
        return f"{Decimal(value).scaleb(-2):.2f}"  # of a sum, which may have more digits


class StateField(serializers.Field):
    """A state by its name."""

    def to_representation(self, value: Any) -> str:
        return str(value.name)


class QuantityField(serializers.IntegerField):
    """A number of pieces."""

    def __init__(self, **given: Any) -> None:
        super().__init__(min_value=1, max_value=settings.SHOP_QUANTITY_MAX, **given)


class PostedSerializer(serializers.Serializer):
    """What a client posts: when it asked for this first, which is the same in every repeat."""

    asked_at = serializers.DateTimeField(write_only=True)

    def validate_asked_at(self, value: datetime) -> datetime:
        """The time to pay begins with it, so it must not be ahead."""
        if value > timezone.now() + timedelta(seconds=settings.SHOP_SECONDS_AHEAD):
            raise serializers.ValidationError("This is in the future.")
        return value


class InventorySerializer(PostedSerializer):
    """An article; what is posted as `quantity` is received."""

    sku = serializers.CharField(max_length=64, source="key.name")
    quantity = QuantityField(write_only=True)
    on_hand = serializers.IntegerField(source="balance", read_only=True)
    held = serializers.IntegerField(source="held_out", read_only=True)


class LineSerializer(serializers.Serializer):
    """So many pieces of an article."""

    sku = serializers.CharField(max_length=64)
    quantity = QuantityField()
    unit_price = AmountField()


class OrderSerializer(PostedSerializer):
    """An order."""

    id = serializers.UUIDField(read_only=True)
    number = serializers.IntegerField(read_only=True)
    state = StateField(read_only=True)
    customer = serializers.CharField(max_length=64)
    total = AmountField(read_only=True)
    pay_until = serializers.DateTimeField(source="deadline", read_only=True)


class OrderDetailSerializer(OrderSerializer):
    """An order with its lines."""

    lines = LineSerializer(many=True, allow_empty=False)

    def to_representation(self, instance: OrderView) -> Any:
        """The fields of the order, and its lines."""
        lines = LineSerializer(instance.lines, many=True).data
        return {**OrderSerializer(instance.order).data, "lines": lines}


class PaymentSerializer(PostedSerializer):
    """What is paid for an order; what is posted as `amount` is received, with its receipt's number."""

    id = serializers.UUIDField(read_only=True)
    order = serializers.UUIDField()
    amount = AmountField()
    receipt = serializers.CharField(max_length=64, write_only=True)
    received = AmountField(source="captured", read_only=True)
    to_refund = AmountField(source="pending_refund", read_only=True)
    refunded = AmountField(read_only=True)
    state = StateField(read_only=True)


class PageSerializer(serializers.Serializer):
    """The parameters of a list."""

    after = serializers.UUIDField(required=False)


class PaymentPageSerializer(PageSerializer):
    """The parameters of the list of payments."""

    order = serializers.UUIDField(required=False)
