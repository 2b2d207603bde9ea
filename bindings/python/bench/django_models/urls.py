"""Routes of the site."""
from rest_framework.routers import SimpleRouter
from shop.views import InventoryViewSet, OrderViewSet, PaymentViewSet

router = SimpleRouter()
router.register("orders", OrderViewSet)
router.register("payments", PaymentViewSet)
router.register("inventories", InventoryViewSet)
urlpatterns = router.urls
