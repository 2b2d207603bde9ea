"""What the clients of the shop send and see."""
from rest_framework import serializers

from .models import Inventory, Line, Order, Payment


class InventorySerializer(serializers.ModelSerializer):
    """An article; what is posted as `quantity` is received."""

    sku = serializers.CharField(max_length=64)
    quantity = serializers.IntegerField(min_value=1, write_only=True)

    class Meta:
        model = Inventory
        fields = ["sku", "quantity", "on_hand", "held"]
        read_only_fields = ["on_hand", "held"]


class LineSerializer(serializers.ModelSerializer):
    """So many pieces of an article."""

    sku = serializers.CharField(max_length=64, source="inventory.sku")
    quantity = serializers.IntegerField(min_value=1)

    class Meta:
        model = Line
        fields = ["sku", "quantity", "unit_price"]


class OrderSerializer(serializers.ModelSerializer):
    """An order with its lines."""

    lines = LineSerializer(many=True, allow_empty=False)

    class Meta:
        model = Order
        fields = ["id", "state", "customer", "total", "pay_until", "lines"]
        read_only_fields = ["id", "state", "total", "pay_until"]


class PaymentSerializer(serializers.ModelSerializer):
    """Money that the shop has received for an order."""

    class Meta:
        model = Payment
        fields = ["id", "order", "amount", "receipt"]
