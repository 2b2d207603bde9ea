"""The tables of a shop as a Django project would have them."""
import uuid

from django.db import models


class Inventory(models.Model):
    """What there is of an article."""

    sku = models.CharField(max_length=64, unique=True)
    on_hand = models.PositiveIntegerField(default=0)
    held = models.PositiveIntegerField(default=0)


class Order(models.Model):
    """An order; its key makes it once."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    key = models.CharField(max_length=64, unique=True)
    state = models.CharField(max_length=16, default="PENDING", db_index=True)
    customer = models.CharField(max_length=64, db_index=True)
    total = models.DecimalField(max_digits=12, decimal_places=2)
    pay_until = models.DateTimeField(db_index=True)
    created_at = models.DateTimeField(auto_now_add=True)


class Line(models.Model):
    """So many pieces of an article."""

    order = models.ForeignKey(Order, related_name="lines", on_delete=models.CASCADE)
    inventory = models.ForeignKey(Inventory, on_delete=models.PROTECT)
    quantity = models.PositiveIntegerField()
    unit_price = models.DecimalField(max_digits=12, decimal_places=2)


class Payment(models.Model):
    """Money that the shop has received."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    key = models.CharField(max_length=64, unique=True)
    order = models.ForeignKey(Order, related_name="payments", on_delete=models.PROTECT)
    amount = models.DecimalField(max_digits=12, decimal_places=2)
    receipt = models.CharField(max_length=64)
    created_at = models.DateTimeField(auto_now_add=True)
