"""Routes of the site."""
from rest_framework.routers import SimpleRouter
from shop.views import InventoryViewSet, OrderViewSet, PaymentViewSet

router = SimpleRouter()
router.register("orders", OrderViewSet, basename="order")
router.register("payments", PaymentViewSet, basename="payment")
router.register("inventories", InventoryViewSet, basename="inventory")
urlpatterns = router.urls
