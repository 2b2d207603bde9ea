"""Orders, payments and inventories as a careful Django project writes them: rows are locked in one
order, so nothing is sold twice and nobody deadlocks; a unique key makes each request once.
"""
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone
from rest_framework.exceptions import APIException
from rest_framework.response import Response
from rest_framework.viewsets import ModelViewSet

from .models import Inventory, Line, Order, Payment
from .serializers import InventorySerializer, OrderSerializer, PaymentSerializer


class Short(APIException):
    """There is not enough of an article."""

    status_code = 409


class InventoryViewSet(ModelViewSet):
    """What there is of each article."""

    queryset = Inventory.objects.all()
    serializer_class = InventorySerializer
    lookup_field = "sku"

    @transaction.atomic
    def perform_create(self, serializer):
        sent = serializer.validated_data
        Inventory.objects.get_or_create(sku=sent["sku"])
        row = Inventory.objects.select_for_update().get(sku=sent["sku"])
        row.on_hand += sent["quantity"]
        row.save()
        serializer.instance = row


class OrderViewSet(ModelViewSet):
    """Orders. One holds its goods until it is paid."""

    queryset = Order.objects.prefetch_related("lines__inventory")
    serializer_class = OrderSerializer

    def create(self, request, *args, **kwargs):
        key = request.headers["Idempotency-Key"]
        with transaction.atomic():
            found = Order.objects.filter(key=key).first()
            if found is None:
                checked = self.get_serializer(data=request.data)
                checked.is_valid(raise_exception=True)
                found = self.place(key, checked.validated_data)
        return Response(self.get_serializer(found).data, 201)

    def place(self, key, sent):
        """Holds every line, or nothing."""
        skus = [one["inventory"]["sku"] for one in sent["lines"]]
        rows = {row.sku: row for row in
                Inventory.objects.select_for_update().filter(sku__in=skus).order_by("sku")}
        total = sum(one["quantity"] * one["unit_price"] for one in sent["lines"])
        order = Order.objects.create(
            key=key, customer=sent["customer"], total=total,
            pay_until=timezone.now() + timedelta(minutes=settings.SHOP_MINUTES_TO_PAY))
        lines = []
        for one in sent["lines"]:
            row = rows.get(one["inventory"]["sku"])
            if row is None or row.on_hand - row.held < one["quantity"]:
                raise Short(f"{one['inventory']['sku']}: not enough")
            row.held += one["quantity"]
            lines.append(Line(order=order, inventory=row, quantity=one["quantity"],
                              unit_price=one["unit_price"]))
        Inventory.objects.bulk_update(rows.values(), ["held"])
        Line.objects.bulk_create(lines)
        return order


class PaymentViewSet(ModelViewSet):
    """Money that the shop has received."""

    queryset = Payment.objects.all()
    serializer_class = PaymentSerializer

    @transaction.atomic
    def perform_create(self, serializer):
        sent = serializer.validated_data
        order = Order.objects.select_for_update().get(pk=sent["order"].pk)
        serializer.save(key=self.request.headers["Idempotency-Key"])
        paid = order.payments.aggregate(sum=Sum("amount"))["sum"]
        if order.state != "PENDING" or paid < order.total:
            return
        lines = {line.inventory_id: line.quantity for line in order.lines.all()}
        rows = Inventory.objects.select_for_update().filter(pk__in=lines).order_by("sku")
        for row in rows:
            row.on_hand -= lines[row.pk]
            row.held -= lines[row.pk]
        Inventory.objects.bulk_update(rows, ["on_hand", "held"])
        order.state = "CLOSED"
        order.save()
